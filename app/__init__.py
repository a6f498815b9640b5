"""The Streamlit shell: entrypoint, navigation by role, session, filters, charts and components."""
