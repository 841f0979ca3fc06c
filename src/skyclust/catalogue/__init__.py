"""What is installed and what may be asked for: providers, regions, zones, versions, machine types. Calls no cloud."""
