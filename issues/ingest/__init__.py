"""Issues by the hundred thousand: cases of the past become issues as if reported here.

The last step of every way in is the same (`loading.load`): route many, write by COPY, one
transaction a batch. Whoever had an issue before is remembered in `Origin`, so that nothing comes
in twice, and nobody is told of what happened long ago.
"""
