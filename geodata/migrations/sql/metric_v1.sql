-- What routing measures, in metres of the city's own projection, kept beside what was imported.
--
-- Transforming the border of a village (some 400 vertices) and 60 roads for every question took 3 ms of 4. A generated
-- column may not look up its city's projection, so triggers fill these two. They derive and decide nothing; no model
-- knows them, only `geodata_route_v1` reads them.
ALTER TABLE geodata_jurisdiction ADD COLUMN metric_border geometry;
ALTER TABLE geodata_asset ADD COLUMN metric geometry;

-- A city's 60 KB of area would be decompressed for every point; coordinates hardly compress.
ALTER TABLE geodata_jurisdiction ALTER COLUMN area SET STORAGE EXTERNAL;
ALTER TABLE geodata_jurisdiction ALTER COLUMN metric_border SET STORAGE EXTERNAL;

CREATE FUNCTION geodata_draw_border_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT ST_Transform(ST_Boundary(NEW.area), city.metric_srid::int) INTO NEW.metric_border
    FROM geodata_city AS city
    WHERE city.id = NEW.city_id;
    RETURN NEW;
END
$$;

CREATE FUNCTION geodata_measure_road_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT ST_Transform(NEW.geom, city.metric_srid::int) INTO NEW.metric
    FROM geodata_city AS city
    WHERE city.id = NEW.city_id;
    RETURN NEW;
END
$$;

CREATE FUNCTION geodata_project_again_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE geodata_jurisdiction SET area = area WHERE city_id = NEW.id;
    UPDATE geodata_asset SET geom = geom WHERE city_id = NEW.id AND layer = 'road';
    RETURN NULL;
END
$$;

CREATE TRIGGER jurisdiction_draws_its_border
    BEFORE INSERT OR UPDATE OF area, city_id ON geodata_jurisdiction
    FOR EACH ROW EXECUTE FUNCTION geodata_draw_border_v1();

CREATE TRIGGER asset_measures_its_road
    BEFORE INSERT OR UPDATE OF geom, city_id, layer ON geodata_asset
    FOR EACH ROW WHEN (NEW.layer = 'road') EXECUTE FUNCTION geodata_measure_road_v1();

CREATE TRIGGER city_projects_again
    AFTER UPDATE OF metric_srid ON geodata_city
    FOR EACH ROW WHEN (OLD.metric_srid <> NEW.metric_srid) EXECUTE FUNCTION geodata_project_again_v1();

-- Stored anew, so that what is there follows too; the function gives back what it has unpacked.
UPDATE geodata_jurisdiction SET area = ST_Force2D(area);
UPDATE geodata_asset SET geom = geom WHERE layer = 'road';

CREATE INDEX asset_road_by_distance ON geodata_asset USING gist (edition_id, metric) WHERE layer = 'road';
