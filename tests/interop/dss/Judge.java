import eu.europa.esig.dss.model.FileDocument;
import eu.europa.esig.dss.model.policy.ValidationPolicy;
import eu.europa.esig.dss.model.x509.CertificateToken;
import eu.europa.esig.dss.pades.validation.PDFDocumentValidator;
import eu.europa.esig.dss.pdf.modifications.DefaultPdfDifferencesFinder;
import eu.europa.esig.dss.pdf.pdfbox.PdfBoxNativeObjectFactory;
import eu.europa.esig.dss.policy.ValidationPolicyFacade;
import eu.europa.esig.dss.simplereport.SimpleReport;
import eu.europa.esig.dss.spi.DSSUtils;
import eu.europa.esig.dss.spi.validation.CommonCertificateVerifier;
import eu.europa.esig.dss.spi.x509.CommonTrustedCertificateSource;
import eu.europa.esig.dss.validation.SignedDocumentValidator;
import eu.europa.esig.validationreport.ValidationReportFacade;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;

/**
 * Judge MOMENT POLICY ROOT FILE...: what EU DSS says of each signature of a PDF, and whether an XML file keeps the
 * schema of ETSI TS 119 102-2. POLICY is "etsi", which is DSS's own, or "unasked": the same, but a certificate about
 * whose revocation nothing is known is taken for good. Nothing is fetched from a network, and no
 * page is drawn: a difference that is only seen makes a warning, for which no test asks.
 */
class Judge {
    public static void main(String[] arguments) throws Exception {
        Date moment = Date.from(Instant.parse(arguments[0]));
        ValidationPolicy policy = policy(arguments[1]);
        CertificateToken root = DSSUtils.loadCertificate(new File(arguments[2]));
        for (String file : Arrays.copyOfRange(arguments, 3, arguments.length)) {
            try {
                if (file.endsWith(".xml")) {
                    ValidationReportFacade.newFacade().unmarshall(new File(file));
                    System.out.println("SCHEMA\t" + file + "\tkept");
                } else {
                    judge(file, moment, policy, root);
                }
            } catch (Exception error) {
                System.out.println("PROBLEM\t" + file + "\t" + error.toString().replaceAll("\\s+", " "));
            }
        }
    }

    static ValidationPolicy policy(String name) throws Exception {
        try (InputStream constraints = Judge.class.getResourceAsStream("/policy/constraint.xml")) {
            String text = new String(constraints.readAllBytes(), StandardCharsets.UTF_8);
            if (name.equals("unasked")) {
                text = text.replace("<RevocationDataAvailable Level=\"FAIL\"", "<RevocationDataAvailable Level=\"WARN\"")
                        .replace("<AcceptableRevocationDataFound Level=\"FAIL\"",
                                "<AcceptableRevocationDataFound Level=\"WARN\"");
            }
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return ValidationPolicyFacade.newFacade().getValidationPolicy(new ByteArrayInputStream(bytes));
        }
    }

    static void judge(String file, Date moment, ValidationPolicy policy, CertificateToken root) {
        CommonTrustedCertificateSource trusted = new CommonTrustedCertificateSource();
        trusted.addCertificate(root);
        CommonCertificateVerifier verifier = new CommonCertificateVerifier();
        verifier.setTrustedCertSources(trusted);
        verifier.setAIASource(null);
        SignedDocumentValidator validator = SignedDocumentValidator.fromDocument(new FileDocument(file));
        DefaultPdfDifferencesFinder unseen = new DefaultPdfDifferencesFinder();
        unseen.setMaximalPagesAmountForVisualComparison(0);
        PdfBoxNativeObjectFactory factory = new PdfBoxNativeObjectFactory();
        factory.setPdfDifferencesFinder(unseen);
        if (validator instanceof PDFDocumentValidator) {
            ((PDFDocumentValidator) validator).setPdfObjFactory(factory);
        }
        validator.setCertificateVerifier(verifier);
        validator.setValidationTime(moment);
        SimpleReport report = validator.validateDocument(policy).getSimpleReport();
        for (String id : report.getSignatureIdList()) {
            String why = report.getAdESValidationErrors(id).stream().map(error -> error.getValue())
                    .reduce("", (all, one) -> all + " " + one);
            System.out.println(String.join("\t", "SIGNATURE", file, "" + report.getIndication(id),
                    "" + report.getSubIndication(id), "" + report.getSignatureFormat(id), why.strip()));
        }
        System.out.println("DONE\t" + file);
    }
}
