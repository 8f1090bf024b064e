namespace Orchestrator.Service.Documents.Reading.Text;

/// <summary>A value that a rule found, with how much speaks for it.</summary>
internal sealed record ScoredValue<T>(T Value, string Raw, double Score, int Page)
{
    /// <summary>As a field of the given confidence.</summary>
    public Field<T> ToField(double confidence) => new(Value, Raw, Math.Round(Math.Clamp(confidence, 0, 0.99), 2), FieldSource.Rule, Page);
}
