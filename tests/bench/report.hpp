// What a run says: a table for people, the same numbers as flat JSON for machines.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace surged::bench {

class Report {
public:
    /// Prints a headline; the columns of the rows that follow.
    void table(const std::string& title, std::vector<std::string> columns);
    void row(const std::vector<std::string>& cells);
    /// A sentence under or beside a table.
    void line(const std::string& text);
    /// One number for the JSON: "ingest.floor.samples_per_s".
    void number(const std::string& key, double value) { numbers_[key] = value; }

    /// How it was run: `quick` figures say nothing about speed; `note` is for those who read the file.
    struct Circumstances {
        bool quick = false;
        double load_before = 0;
        std::string note{};
    };
    /// The load of this moment, of one minute.
    static double load();
    /// {"kind":"surged_bench","version":..,"machine":..,"cpus":..,"quick":..,"load_before":..,"load_after":..,"note":..,"numbers":{...}};
    /// false: the file cannot be written.
    bool write(const std::string& path, const Circumstances& run) const;

private:
    std::vector<std::size_t> widths_;
    std::map<std::string, double> numbers_;
};

/// "12.3" and such, `digits` after the point.
std::string fixed(double value, int digits);
/// Seconds as "0.42 ms" or "1.10 s".
std::string duration_text(double seconds);
/// "1.23x"; "-" when there is nothing to compare with.
std::string ratio_text(double value, double floor);

}  // namespace surged::bench
