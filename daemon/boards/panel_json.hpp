// A panel of a board as JSON: where it stands, what it asks, how its numbers look. Of this room only.
#pragma once

#include "boards/render.hpp"
#include "wire/json_text.hpp"

namespace surged {

/// "datasource": the one that the board's variable chooses.
void write_datasource(JsonWriter& json);

/// Writes panels one after the other, and places them in rows of 24 columns.
class PanelWriter {
public:
    PanelWriter(JsonWriter& json, const BoardOptions& options) : json_(json), options_(options) {}
    void write(const BoardPanel& panel);

private:
    void place(const BoardPanel& panel);
    void targets(const BoardPanel& panel);
    void target(const BoardPanel& panel, std::string_view ref, std::string_view expr, std::string_view legend);
    void field_config(const BoardPanel& panel);
    void steps(const BoardPanel& panel);
    void words(PanelWords words);
    void custom(const BoardPanel& panel);
    void links(const BoardPanel& panel);
    void overrides(const BoardPanel& panel);
    void limit_overrides();
    void column_overrides(const BoardPanel& panel);
    void options(const BoardPanel& panel);
    void transformations(const BoardPanel& panel);

    JsonWriter& json_;
    const BoardOptions& options_;
    int id_ = 0;
    int x_ = 0;
    int y_ = 0;
    int row_height_ = 0;
};

}  // namespace surged
