-- The site with its two applications, before anybody has entered anything.
-- shows:
SELECT 1;
