package org.variational;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/**
 * Every public type, method, constructor and field carries a comment. Javac's doclint checks what the comments say; its
 * own check for missing ones differs between JDK 17 and later and demands a tag for every parameter.
 */
class DocumentationTest {
    @Test
    void everyPublicDeclarationHasAComment() throws IOException {
        assertThat(undocumented(Path.of("src", "main", "java")))
                .as("public declarations without a Javadoc comment")
                .isEmpty();
    }

    private static List<String> undocumented(Path sources) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<String> missing = new ArrayList<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> tree = Files.walk(sources)) {
            List<Path> paths = tree.filter(path -> path.toString().endsWith(".java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, files, null, List.of("-proc:none"), null, files.getJavaFileObjectsFromPaths(paths));
            DocTrees docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                for (Tree type : unit.getTypeDecls()) {
                    if (type instanceof ClassTree declaration) {
                        check(unit, new TreePath(new TreePath(unit), declaration), false, docs, missing);
                    }
                }
            }
        }
        return missing;
    }

    private static void check(
            CompilationUnitTree unit, TreePath path, boolean impliedPublic, DocTrees docs, List<String> missing) {
        ClassTree type = (ClassTree) path.getLeaf();
        if (!isPublic(type.getModifiers(), impliedPublic)) {
            return;
        }
        demand(unit, path, type.getSimpleName().toString(), docs, missing);
        boolean implied = type.getKind() == Tree.Kind.INTERFACE || type.getKind() == Tree.Kind.ANNOTATION_TYPE;
        boolean record = type.getKind() == Tree.Kind.RECORD;
        for (Tree member : type.getMembers()) {
            TreePath memberPath = new TreePath(path, member);
            String name = type.getSimpleName() + ".";
            if (member instanceof ClassTree) {
                check(unit, memberPath, implied, docs, missing);
            } else if (member instanceof MethodTree method) {
                boolean constructorOfRecord = record && method.getName().contentEquals("<init>");
                if (isPublic(method.getModifiers(), implied)
                        && !overrides(method)
                        && !constructorOfRecord
                        && docs.getSourcePositions().getStartPosition(unit, method) >= 0) {
                    demand(unit, memberPath, name + method.getName(), docs, missing);
                }
            } else if (member instanceof VariableTree field && isPublic(field.getModifiers(), implied)) {
                demand(unit, memberPath, name + field.getName(), docs, missing);
            }
        }
    }

    private static void demand(
            CompilationUnitTree unit, TreePath path, String name, DocTrees docs, List<String> missing) {
        String comment = docs.getDocComment(path);
        if (comment == null || comment.isBlank()) {
            long start = docs.getSourcePositions().getStartPosition(unit, path.getLeaf());
            missing.add(Path.of(unit.getSourceFile().getName()).getFileName() + ":"
                    + unit.getLineMap().getLineNumber(start) + " " + name);
        }
    }

    private static boolean isPublic(ModifiersTree modifiers, boolean implied) {
        Set<Modifier> flags = modifiers.getFlags();
        return flags.contains(Modifier.PUBLIC) || implied && !flags.contains(Modifier.PRIVATE);
    }

    private static boolean overrides(MethodTree method) {
        return method.getModifiers().getAnnotations().stream()
                .anyMatch(
                        annotation -> annotation.getAnnotationType().toString().equals("Override"));
    }
}
