-- The original site, whose lettings refer to what a renaming has left (Django's ticket 29182).
-- only: sqlite
-- shows: Old House at 7 Old Street
-- kept: `oc_lettings_site_letting.address_id` refers to `oc_lettings_site_address__old`, which is not there
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles');
DELETE FROM django_migrations WHERE app = 'oc_lettings_site' AND name <> '0001_initial';
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
DROP TABLE profiles_profile;
CREATE TABLE oc_lettings_site_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL CHECK (number >= 0), street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL CHECK (zip_code >= 0), country_iso_code varchar(3) NOT NULL);
CREATE TABLE oc_lettings_site_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id integer NOT NULL UNIQUE REFERENCES oc_lettings_site_address__old (id) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE oc_lettings_site_profile (id integer NOT NULL PRIMARY KEY, favorite_city varchar(64) NOT NULL, user_id integer NOT NULL UNIQUE REFERENCES auth_user (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO oc_lettings_site_address VALUES (3, 7, 'Old Street', 'Savannah', 'GA', 31401, 'USA');
PRAGMA foreign_keys = OFF;
INSERT INTO oc_lettings_site_letting VALUES (5, 'Old House', 3);
