-- A column of another name.
-- refused
ALTER TABLE lettings_letting RENAME COLUMN title TO name;
