"""Cases of human review in the state store, one module for each table and for the queue."""
