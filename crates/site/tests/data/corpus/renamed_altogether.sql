-- Other names for everything.
-- refused
-- from: address=property_lettings_address,letting=property_lettings_letting,profile=accounts_profile
-- shows: Cabin at 22 Pier; Loft at 20 Pier; jane, Lima
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles');
DELETE FROM django_migrations WHERE app = 'oc_lettings_site' AND name <> '0001_initial';
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
DROP TABLE profiles_profile;
CREATE TABLE property_lettings_address (id integer NOT NULL PRIMARY KEY, number integer NOT NULL, street varchar(64) NOT NULL, city varchar(64) NOT NULL, state varchar(2) NOT NULL, zip_code integer NOT NULL, country_iso_code varchar(3) NOT NULL);
CREATE TABLE property_lettings_letting (id integer NOT NULL PRIMARY KEY, title varchar(256) NOT NULL, address_id integer NOT NULL UNIQUE REFERENCES property_lettings_address (id) DEFERRABLE INITIALLY DEFERRED);
INSERT INTO property_lettings_address VALUES (4, 20, 'Pier', 'Newport', 'CA', 92629, 'USA'), (6, 22, 'Pier', 'Newport', 'CA', 92629, 'USA');
INSERT INTO property_lettings_letting VALUES (2, 'Cabin', 6), (8, 'Loft', 4);
CREATE TABLE accounts_profile (id integer NOT NULL PRIMARY KEY, favorite_city varchar(64) NOT NULL, user_id integer NOT NULL UNIQUE REFERENCES auth_user (id));
INSERT INTO accounts_profile VALUES (1, 'Lima', 1);
