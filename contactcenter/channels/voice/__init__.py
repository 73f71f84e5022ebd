"""Calls: browser to browser over WebRTC, signalled by us; the sound never passes our server."""
