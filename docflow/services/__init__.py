"""What can be done: each public function is one act of one actor in one unit of work.

Do: open the unit of work, ask permission, then the rules, then change; pass ``now`` and ``actor`` in.
Do not: import Flask or forms; commit; call the network inside a unit of work.
"""
