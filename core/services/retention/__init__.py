"""How long records are kept, legal holds, and disposing of what is past its time."""
