"""Why a model decided as it did about one person: found, kept, and told."""
