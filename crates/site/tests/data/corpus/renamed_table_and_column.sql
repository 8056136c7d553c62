-- A table of another name that lacks a column.
-- refused
ALTER TABLE profiles_profile RENAME TO accounts_profile;
ALTER TABLE accounts_profile RENAME COLUMN favorite_city TO city;
