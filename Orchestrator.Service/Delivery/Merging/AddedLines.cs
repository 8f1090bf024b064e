using System.Globalization;
using System.Text;

namespace Orchestrator.Service.Delivery.Merging;

/// <summary>A line that a branch added and that a rebase lost.</summary>
/// <param name="File">Its path.</param>
/// <param name="Text">Without its end.</param>
/// <param name="Times">How many of them.</param>
internal sealed record LostLine(string File, string Text, int Times);

/// <summary>
/// What a comparison adds, as a multiset of lines for each file: lines that are added, less the same lines that are taken away in the same file. So it does not depend on how a
/// comparison lines two texts up, and a line that only moved counts for nothing.
/// </summary>
internal sealed class AddedLines
{
    private readonly Dictionary<string, Dictionary<string, int>> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    private AddedLines()
    {
    }

    /// <param name="diff">Output of git diff with no lines of context and without renames, its bytes.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public static AddedLines Read(ReadOnlySpan<byte> diff)
    {
        var added = new AddedLines();
        string? file = null;
        var (minus, plus) = (0, 0);
        // One char for each byte: lines in any encoding are compared as they are.
        foreach (var line in Encoding.Latin1.GetString(diff).Split('\n'))
        {
            // The header of a hunk says how many lines follow, so no line of a file can be taken for a header.
            if (minus > 0 && line.StartsWith('-'))
            {
                minus--;
                added.Count(file!, line[1..], -1);
            }
            else if (plus > 0 && line.StartsWith('+'))
            {
                plus--;
                added.Count(file!, line[1..], 1);
            }
            else if (minus > 0 || plus > 0)
            {
                if (!line.StartsWith('\\'))
                    throw new FormatException($"A comparison ends in the middle of a hunk of {file}.");
            }
            else if (line.StartsWith("diff --git ", StringComparison.Ordinal))
            {
                file = null;
            }
            else if (line.StartsWith("--- ", StringComparison.Ordinal))
            {
                file = Name(line[4..]);
            }
            else if (line.StartsWith("+++ ", StringComparison.Ordinal))
            {
                if (Name(line[4..]) is { } now)
                    file = now;
                else if (file is not null)
                    added._removed.Add(file);
            }
            else if (line.StartsWith("@@ ", StringComparison.Ordinal) && line.Split(' ') is [_, var from, var to, ..])
            {
                if (file is null)
                    throw new FormatException("A comparison has a hunk of no file.");
                (minus, plus) = (Lines(from), Lines(to));
            }
        }

        return minus > 0 || plus > 0 ? throw new FormatException($"A comparison ends in the middle of a hunk of {file}.") : added;
    }

    /// <summary>Lines that the branch adds and that are not added any more after its rebase.</summary>
    /// <param name="own">Merge base to head.</param>
    /// <param name="onto">Merge base to new base: what it adds too is there, and not twice.</param>
    /// <param name="after">New base to new head.</param>
    public static IReadOnlyList<LostLine> Lost(AddedLines own, AddedLines onto, AddedLines after)
    {
        var lost = new List<LostLine>();
        foreach (var (file, lines) in own._files)
        {
            foreach (var (text, times) in lines.Where(line => line.Value > 0))
            {
                var missing = times - Math.Max(0, after.Of(file, text)) - Math.Max(0, onto.Of(file, text));
                // The new base has moved the file: the line may have gone with it.
                if (missing > 0 && onto._removed.Contains(file))
                    missing -= after._files.Where(other => other.Key != file).Sum(other => Math.Max(0, other.Value.GetValueOrDefault(text) - Math.Max(0, own.Of(other.Key, text))));
                if (missing > 0)
                    lost.Add(new LostLine(Utf8(file), Utf8(text), missing));
            }
        }

        return [.. lost.OrderBy(line => line.File, StringComparer.Ordinal).ThenBy(line => line.Text, StringComparer.Ordinal)];
    }

    private int Of(string file, string text) => _files.GetValueOrDefault(file)?.GetValueOrDefault(text) ?? 0;

    private void Count(string file, string text, int times)
    {
        if (!_files.TryGetValue(file, out var lines))
            _files[file] = lines = new Dictionary<string, int>(StringComparer.Ordinal);
        lines[text] = lines.GetValueOrDefault(text) + times;
    }

    // a/path or b/path; quoted by git where it holds a quote or a control character, and then taken as it is: all comparisons quote alike. A tab ends a name with spaces.
    private static string? Name(string text) => text.TrimEnd('\t') is var name && name == "/dev/null" ? null : name.StartsWith('"') ? "\"" + name[3..] : name[2..];

    // -12 is one line, -12,0 none
    private static int Lines(string range) => range.IndexOf(',', StringComparison.Ordinal) is > 0 and var comma ? int.Parse(range.AsSpan(comma + 1), CultureInfo.InvariantCulture) : 1;

    private static string Utf8(string text) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));
}
