"""``docflow signer``: a small program for the signer's own machine that speaks the protocol of NCALayer."""
