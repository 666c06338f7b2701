"""What a release holds and how it is written, put in its place and read back: tables, county workbook, page."""
