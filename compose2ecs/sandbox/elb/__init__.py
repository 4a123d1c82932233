"""The sandbox's Elastic Load Balancing."""
