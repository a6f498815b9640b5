"""One script per change of the schema; none is ever changed again."""
