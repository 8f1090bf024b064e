namespace Orchestrator.Service.Documents.Reading;

/// <summary>Where a field's value was found.</summary>
public enum FieldSource
{
    /// <summary>In structured data.</summary>
    Xml,

    /// <summary>By a supplier's template.</summary>
    Template,

    /// <summary>By the general rules for printed text.</summary>
    Rule,
}

/// <summary>One value read from a document, with its evidence.</summary>
/// <param name="Value">The value in its canonical form.</param>
/// <param name="Raw">The text that it was read from.</param>
/// <param name="Confidence">From 0 to 1; 1 for structured data.</param>
/// <param name="Source">Where it was found.</param>
/// <param name="Page">The page, from 1, or null where there are none.</param>
public sealed record Field<T>(T Value, string Raw, double Confidence, FieldSource Source, int? Page);
