"""The page Human oversight."""
