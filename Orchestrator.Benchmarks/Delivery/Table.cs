using System.Globalization;

namespace Orchestrator.Benchmarks.Delivery;

/// <summary>A plain table on standard output.</summary>
internal static class Table
{
    public static void Write(string title, IReadOnlyList<string> heads, IEnumerable<IReadOnlyList<object>> rows)
    {
        List<IReadOnlyList<string>> lines = [heads, .. rows.Select(row => (IReadOnlyList<string>)[.. row.Select(Text)])];
        var widths = heads.Select((_, at) => lines.Max(line => line[at].Length)).ToList();
        Console.WriteLine();
        Console.WriteLine(title);
        foreach (var line in lines)
            Console.WriteLine(string.Join("  ", line.Select((cell, at) => at == 0 ? cell.PadRight(widths[at]) : cell.PadLeft(widths[at]))));
    }

    /// <summary>The value below which a share of all are; of sorted values.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double share) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * share))];

    private static string Text(object cell) => cell is double number ? number.ToString(number < 10 ? "0.00" : "0", CultureInfo.InvariantCulture) : Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "";
}
