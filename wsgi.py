"""What gunicorn serves: `gunicorn -c gunicorn.conf.py wsgi:app`."""

from app.api import create_app

app = create_app()
