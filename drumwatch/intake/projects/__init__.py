"""Somebody's work in a folder tree: songs, sampled instruments, code, programs. It is found here, and left whole elsewhere."""

from drumwatch.intake.projects.listing import is_marker_name
from drumwatch.intake.projects.records import Project, ProjectKind, Survey
from drumwatch.intake.projects.survey import Surveyor, enclosing_project

__all__ = ["Project", "ProjectKind", "Survey", "Surveyor", "enclosing_project", "is_marker_name"]
