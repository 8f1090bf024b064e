using System.Globalization;

namespace Orchestrator.Local.Replay;

/// <summary>Shows progress: a bar for each state in a terminal, otherwise a line whenever something has ended.</summary>
/// <param name="output">Where to.</param>
/// <param name="redraws">Whether the output is a terminal that can go back over its lines.</param>
internal sealed class ReplayScreen(TextWriter output, bool redraws)
{
    private const int Width = 44;
    private static readonly string[] States = ["Queued", "Running", "Finalizing", "Succeeded", "Failed", "Held", "Cancelled"];

    private int _drawn;
    private string _last = "";

    public void Show(ReplayProgress progress)
    {
        var total = progress.States.Values.Sum();
        if (redraws)
            Redraw([.. Lines(progress, total)]);
        else if (total > 0)
            Say(progress, total);
    }

    private static IEnumerable<string> Lines(ReplayProgress progress, int total)
    {
        foreach (var state in States)
        {
            var count = progress.States.GetValueOrDefault(state);
            if (count == 0 && state is "Finalizing" or "Failed" or "Held" or "Cancelled")
                continue;
            var filled = total == 0 ? 0 : count * Width / total;
            yield return $"  {state,-10} {new string('█', filled)}{new string('·', Width - filled)} {count,4}";
        }
        yield return string.Create(CultureInfo.InvariantCulture, $"  {progress.Elapsed.TotalSeconds,5:F0} s   permits {progress.Permits.InUse} of {progress.Permits.Size}, {progress.Permits.Waiting} messages wait for one");
    }

    private void Redraw(IReadOnlyList<string> lines)
    {
        if (_drawn > 0)
            output.Write($"\e[{_drawn}A");
        foreach (var line in lines)
            output.Write($"\e[2K{line}\n");
        for (var left = lines.Count; left < _drawn; left++)
            output.Write("\e[2K\n");
        _drawn = Math.Max(_drawn, lines.Count);
        output.Flush();
    }

    private void Say(ReplayProgress progress, int total)
    {
        var ended = total - ReplayProgress.Open.Sum(state => progress.States.GetValueOrDefault(state));
        var line = string.Join(", ", States.Where(progress.States.ContainsKey).Select(state => $"{state} {progress.States[state]}"));
        if (_last == $"{ended} of {total}")
            return;
        _last = $"{ended} of {total}";
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.Elapsed.TotalSeconds,6:F1} s  {line}"));
    }
}
