"""What an outsider can check: signed notes, checkpoints of the audit trail, commitments.

Nothing here reads a file or a database. The formats are those of the C2SP specifications
`signed-note <https://c2sp.org/signed-note>`_ and `tlog-checkpoint
<https://c2sp.org/tlog-checkpoint>`_, so that tools of others read them too.

Import from the modules: commitments are made at every start, and need no signatures.
"""
