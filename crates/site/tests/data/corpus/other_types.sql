-- Types that SQLite and Django read alike.
-- only: sqlite
-- shows: House at 7 Some Street; jane, Oslo
DROP TABLE lettings_letting;
DROP TABLE lettings_address;
CREATE TABLE lettings_address (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, number smallint NOT NULL, street nvarchar(64) NOT NULL, city clob NOT NULL, state char(2) NOT NULL, zip_code mediumint NOT NULL, country_iso_code character(3) NOT NULL);
CREATE TABLE lettings_letting (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, title NOT NULL, address_id int8 NOT NULL UNIQUE REFERENCES lettings_address (id) DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE auth_user RENAME COLUMN is_staff TO was_staff;
ALTER TABLE auth_user ADD COLUMN is_staff integer NOT NULL DEFAULT 0;
ALTER TABLE auth_user DROP COLUMN was_staff;
INSERT INTO lettings_address VALUES (11, 7, 'Some Street', 'Town', 'GA', 31525, 'USA');
INSERT INTO lettings_letting VALUES (21, 'House', 11);
INSERT INTO profiles_profile (favorite_city, user_id) VALUES ('Oslo', 1);
