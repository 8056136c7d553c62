-- Other names for lettings, and no profiles at all.
-- refused
-- from: address=property_lettings_address,letting=property_lettings_letting,profile=profiles_profile
-- shows: Cabin at 22 Pier; Loft at 20 Pier
DELETE FROM django_migrations WHERE app IN ('lettings', 'profiles');
DROP TABLE profiles_profile;
ALTER TABLE lettings_letting RENAME TO property_lettings_letting;
ALTER TABLE lettings_address RENAME TO property_lettings_address;
INSERT INTO property_lettings_address VALUES (4, 20, 'Pier', 'Newport', 'CA', 92629, 'USA'), (6, 22, 'Pier', 'Newport', 'CA', 92629, 'USA');
INSERT INTO property_lettings_letting VALUES (2, 'Cabin', 6), (8, 'Loft', 4);
