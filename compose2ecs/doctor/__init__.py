"""What stands between a project and its deployment: checks that read AWS and change nothing."""
