"""The copy of the data held of a customer, with its code book, in two or three languages."""

from core.reports.subject_copy.document import CodeLine, CopiedModel, CopiedRecord, SubjectCopy
from core.reports.subject_copy.printed import printed

__all__ = ["CodeLine", "CopiedModel", "CopiedRecord", "SubjectCopy", "printed"]
