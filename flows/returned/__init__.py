"""What goes back to departments: letters, their own workbooks marked, and what each finding says to them."""
