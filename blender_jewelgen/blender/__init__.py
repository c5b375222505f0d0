"""The only room that knows bpy: converting meshes, building the studio and taking the picture."""
