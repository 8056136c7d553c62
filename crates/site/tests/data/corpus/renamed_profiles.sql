-- An application that is spelled otherwise.
-- refused
-- from: profile=profils_profile
-- shows: New Flat at 12 Quay; jane, Oslo
INSERT INTO lettings_address (number, street, city, state, zip_code, country_iso_code) VALUES (12, 'Quay', 'Newport', 'CA', 92660, 'USA');
INSERT INTO lettings_letting (title, address_id) SELECT 'New Flat', id FROM lettings_address;
INSERT INTO profiles_profile (favorite_city, user_id) VALUES ('Oslo', 1);
ALTER TABLE profiles_profile RENAME TO profils_profile;
