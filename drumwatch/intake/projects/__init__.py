"""Somebody's work in a folder tree: songs, sampled instruments, code, programs. It is found here, and left whole elsewhere."""

from drumwatch.intake.projects.records import Project, ProjectKind, Survey

__all__ = ["Project", "ProjectKind", "Survey"]
