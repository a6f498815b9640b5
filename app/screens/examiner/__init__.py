"""The page Examiner room."""
