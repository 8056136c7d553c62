-- Django's own tables, and nothing that the site could show.
-- refused
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
DROP TABLE profiles_profile;
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles', 'oc_lettings_site');
CREATE TABLE shop_book (id integer NOT NULL PRIMARY KEY, name varchar(64) NOT NULL);
