struct CorePlaceholder {}
