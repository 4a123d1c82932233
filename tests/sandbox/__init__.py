"""The sandbox, held to what AWS says of itself."""
