"""Several jobs at once, in threads or in tasks. Whoever has a crew starts jobs and asks for what is
done; a job that is alone is done by whoever waits for it, and costs no thread and no task.

What is done stays known until it is forgotten: an interrupt anywhere costs a repetition at most.
"""
