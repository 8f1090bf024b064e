namespace Orchestrator.Service.Documents.Reading.Probing;

/// <summary>A picture in the portable grey map format: a short header in text, then one byte for each point.</summary>
internal static class GreyPicture
{
    private const byte AlmostWhite = 250;

    /// <summary>Whether anything is drawn on it.</summary>
    public static bool HasMarks(ReadOnlySpan<byte> picture)
    {
        var points = Points(picture);
        return points.IndexOfAnyInRange((byte)0, AlmostWhite) >= 0;
    }

    private static ReadOnlySpan<byte> Points(ReadOnlySpan<byte> picture)
    {
        // "P5 width height 255", separated by white space, one of which ends the header.
        var words = 0;
        for (var at = 0; at < Math.Min(picture.Length, 64); at++)
        {
            if ((char)picture[at] is ' ' or '\n' && ++words == 4)
            {
                return picture[(at + 1)..];
            }
        }

        return [];
    }
}
