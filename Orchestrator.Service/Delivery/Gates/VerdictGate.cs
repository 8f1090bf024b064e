using System.Text.RegularExpressions;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Finalize;

namespace Orchestrator.Service.Delivery.Gates;

/// <summary>Reads one line of an artifact: <c>key: WORD</c>. Whoever wrote it, an agent or a runner, the line is the contract.</summary>
/// <param name="name">The gate's name.</param>
/// <param name="artifact">The artifact that its stage must leave.</param>
/// <param name="key">What stands before the colon.</param>
/// <param name="passed">The word that passes.</param>
/// <param name="failed">The word that fails.</param>
internal sealed partial class VerdictGate(string name, string artifact, string key, string passed, string failed) : IGate
{
    private const int LongestExcerpt = 2000;

    public string Name => name;

    public Task<GateVerdict> EvaluateAsync(GateEvidence evidence, CancellationToken cancellation) => Task.FromResult(Evaluate(evidence));

    private GateVerdict Evaluate(GateEvidence evidence)
    {
        if (evidence.Fresh(artifact) is not { } written)
            return new GateVerdict(GateAnswer.Failed, evidence.Artifacts.ContainsKey(artifact)
                ? $"{artifact} is of an earlier round; the stage left no new one."
                : $"The stage left no {artifact}.");
        var words = Words(written.Content, key).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        return words switch
        {
            [var word] when word.Equals(passed, StringComparison.OrdinalIgnoreCase) => new(GateAnswer.Passed, $"{artifact} says {key}: {word}."),
            [var word] when word.Equals(failed, StringComparison.OrdinalIgnoreCase) => new(GateAnswer.Failed, $"{artifact} says {key}: {word}.{Environment.NewLine}{Ellipsis.Of(written.Content, LongestExcerpt)}"),
            [] => new(GateAnswer.Failed, $"{artifact} has no line '{key}: {passed}' or '{key}: {failed}'."),
            [var word] => new(GateAnswer.Failed, $"{artifact} says {key}: {word}, which is neither {passed} nor {failed}."),
            _ => new(GateAnswer.Failed, $"{artifact} contradicts itself: {key} is {string.Join(" and ", words)}."),
        };
    }

    /// <summary>What stands behind the key, on lines of their own and outside of code, fenced or indented: a report may quote another.</summary>
    internal static IEnumerable<string> Words(string content, string key)
    {
        var fenced = false;
        foreach (var line in content.Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                fenced = !fenced;
            else if (!fenced && Line().Match(line) is { Success: true } match && match.Groups["key"].Value.Equals(key, StringComparison.OrdinalIgnoreCase))
                yield return match.Groups["word"].Value;
        }
    }

    [GeneratedRegex(@"\A {0,3}(?:[*_-]{1,3} ?)?(?<key>[A-Za-z_]+)[*_]*\s*:[\s*_`]*(?<word>[A-Za-z_]+)[\s*_`.]*\z")]
    private static partial Regex Line();
}
