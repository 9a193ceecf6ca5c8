package org.variational.examples;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;

/** Draws square grey images in rows under headings. */
final class ImageGrid {
    private static final int ZOOM = 6;
    private static final int GAP = 8;
    private static final int HEADING = 30;

    private record Block(String heading, double[][] images) {}

    private final int side;
    private final int columns;
    private final List<Block> blocks = new ArrayList<>();

    /**
     * An empty grid.
     *
     * @param side pixels along a side of each image
     * @param columns images in a row
     */
    ImageGrid(int side, int columns) {
        this.side = side;
        this.columns = columns;
    }

    /** Adds images, each of numbers from 0 (drawn white) to 1 (black), row after row. */
    void add(String heading, double[][] images) {
        blocks.add(new Block(heading, images));
    }

    private int cell() {
        return side * ZOOM + GAP;
    }

    private int rows(Block block) {
        return (block.images().length + columns - 1) / columns;
    }

    byte[] png() throws IOException {
        int height = blocks.stream()
                        .mapToInt(block -> HEADING + rows(block) * cell())
                        .sum()
                + GAP;
        BufferedImage image = new BufferedImage(columns * cell() + GAP, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        g.setColor(new Color(0xe4, 0xe8, 0xec));
        g.fillRect(0, 0, image.getWidth(), height);
        g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 15));
        int y = 0;
        for (Block block : blocks) {
            g.setColor(new Color(0x22, 0x2b, 0x38));
            g.drawString(block.heading(), GAP, y + HEADING - 9);
            y += HEADING;
            for (int n = 0; n < block.images().length; n++) {
                draw(image, block.images()[n], GAP + n % columns * cell(), y + n / columns * cell());
            }
            y += rows(block) * cell();
        }
        g.dispose();
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        ImageIO.write(image, "png", png);
        return png.toByteArray();
    }

    private void draw(BufferedImage image, double[] pixels, int left, int top) {
        for (int y = 0; y < side * ZOOM; y++) {
            for (int x = 0; x < side * ZOOM; x++) {
                int grey = (int) Math.round(255 * (1 - pixels[y / ZOOM * side + x / ZOOM]));
                image.setRGB(left + x, top + y, new Color(grey, grey, grey).getRGB());
            }
        }
    }
}
