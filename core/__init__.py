"""Harbourlight's product: typed, importable, free of Streamlit and Plotly."""
