-- Takes away what metric_v1.sql has made.
DROP TRIGGER city_projects_again ON geodata_city;
DROP TRIGGER asset_measures_its_road ON geodata_asset;
DROP TRIGGER jurisdiction_draws_its_border ON geodata_jurisdiction;
DROP FUNCTION geodata_project_again_v1();
DROP FUNCTION geodata_measure_road_v1();
DROP FUNCTION geodata_draw_border_v1();
ALTER TABLE geodata_jurisdiction ALTER COLUMN area SET STORAGE MAIN;
ALTER TABLE geodata_asset DROP COLUMN metric;
ALTER TABLE geodata_jurisdiction DROP COLUMN metric_border;
