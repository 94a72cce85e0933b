"""The pages, one module each, found by name: `page(store, visit)` asks its questions once and fills its template."""
