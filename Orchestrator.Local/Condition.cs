namespace Orchestrator.Local;

/// <summary>Whether a condition holds.</summary>
public enum Verdict
{
    Holds,
    Broken,

    /// <summary>Nothing is known to compare with, or what was given is too small to bring the case about.</summary>
    NotChecked,
}

/// <param name="Sentence">What must hold.</param>
/// <param name="Verdict">Whether it does.</param>
/// <param name="Seen">What was seen.</param>
public sealed record Condition(string Sentence, Verdict Verdict, string Seen)
{
    internal static Condition Of(string sentence, bool holds, string seen) => new(sentence, holds ? Verdict.Holds : Verdict.Broken, seen);

    /// <summary>A line for people.</summary>
    public override string ToString() => $"  {Verdict switch { Verdict.Holds => "holds", Verdict.Broken => "BROKEN", _ => "not checked" },-11} {Sentence}: {Seen}";
}
