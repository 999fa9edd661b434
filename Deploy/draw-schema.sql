-- The picture of the schema as a Mermaid entity-relationship diagram, a line a row, from the catalogue alone. A table belongs to
-- another where it has all columns of the other's primary key, by name, or a foreign key to it.
WITH tables AS (
    SELECT c.oid, c.relname AS name,
           (SELECT array_agg(a.attname::text ORDER BY a.attname)
            FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
           (SELECT array_agg(a.attname::text) FROM pg_attribute AS a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
    FROM pg_class AS c
    WHERE c.relnamespace = 'winnow'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
), related AS (
    SELECT p.name AS parent, c.name AS child, array_to_string(p.key, ', ') AS by,
           CASE WHEN c.key <@ p.columns AND NOT c.key @> p.key OR c.key = p.key THEN '||--o|' ELSE '||--o{' END AS kind
    FROM tables AS p JOIN tables AS c
        ON c.name <> p.name AND p.key <@ c.columns
        -- A table of pairs belongs to both sides, not the sides to it; of two that hold each other's key the first is drawn.
        AND NOT coalesce(p.key @> c.key AND p.key <> c.key, false)
        AND NOT coalesce(c.key <@ p.columns AND c.name < p.name AND (c.key = p.key OR NOT c.key @> p.key), false)
        AND NOT EXISTS (SELECT FROM tables AS o WHERE o.key = p.key AND o.name < p.name)
    UNION
    SELECT p.name, c.name, (SELECT string_agg(a.attname, ', ' ORDER BY a.attnum) FROM pg_attribute AS a
                            WHERE a.attrelid = c.oid AND a.attnum = ANY (f.conkey)), '||--o{'
    FROM pg_constraint AS f JOIN tables AS p ON p.oid = f.confrelid JOIN tables AS c ON c.oid = f.conrelid
    WHERE f.contype = 'f'
), lines AS (
    SELECT 1 AS part, '' AS name, 0 AS place, 'erDiagram' AS line
    UNION ALL
    SELECT 2, r.parent, 0, format('    %s %s %s : "%s"', r.parent, r.kind, r.child, r.by) FROM related AS r
    UNION ALL
    SELECT 3, t.name, 0, format('    %s {', t.name) FROM tables AS t
    UNION ALL
    SELECT 3, t.name, a.attnum,
           format('        %s %s%s "%s"', replace(replace(format_type(a.atttypid, NULL), 'timestamp with time zone', 'timestamptz'),
                                                  ' ', '_'),
                  a.attname, CASE WHEN a.attname = ANY (t.key) THEN ' PK' ELSE '' END,
                  replace(coalesce(col_description(t.oid, a.attnum), ''), '"', ''''))
    FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 3, t.name, 10000, '    }' FROM tables AS t
)
SELECT line FROM lines ORDER BY part, name COLLATE "C", place, line COLLATE "C"
