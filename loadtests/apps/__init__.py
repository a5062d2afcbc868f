"""Small Ray Serve applications that the service is compared with; they speak its HTTP contract."""
