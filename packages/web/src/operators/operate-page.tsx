import { Link, useParams } from "@tanstack/react-router";
import { type ComponentType, useEffect, useRef } from "react";
import { useText } from "../language/language.tsx";
import { NothingHere } from "../layout/nothing-here.tsx";
import { isAdmin, type SignedIn, useSession } from "../session/session.ts";
import { AuditView } from "./audit-view.tsx";
import { HealthView } from "./health-view.tsx";
import { KeysView } from "./keys-view.tsx";
import { MembersView } from "./members-view.tsx";
import { ModelsView } from "./models-view.tsx";
import styles from "./operate.module.css";
import { ReplicasView } from "./replicas-view.tsx";
import { UsageView } from "./usage-view.tsx";

type ViewName = "models" | "replicas" | "usage" | "keys" | "members" | "audit" | "health";

interface View {
  component: ComponentType;
  /** Who is offered it; the server decides for itself. */
  isFor: (session: SignedIn) => boolean;
}

const forOperators = (session: SignedIn) => session.operator;
const forAll = () => true;

const VIEWS: Record<ViewName, View> = {
  models: { component: ModelsView, isFor: forOperators },
  replicas: { component: ReplicasView, isFor: forOperators },
  usage: { component: UsageView, isFor: forAll },
  keys: { component: KeysView, isFor: forAll },
  members: { component: MembersView, isFor: isAdmin },
  audit: { component: AuditView, isFor: isAdmin },
  health: { component: HealthView, isFor: forOperators },
};

const isView = (name: string): name is ViewName => Object.hasOwn(VIEWS, name);

/** The pages for whoever runs this: one row of words, one dense page below it. */
export function OperatePage() {
  const text = useText();
  const session = useSession();
  const { view } = useParams({ from: "/in/operate/$view" });
  const words = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone the row is wider than the screen
  useEffect(() => {
    words.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [view]);
  const names = (Object.keys(VIEWS) as ViewName[]).filter((name) => VIEWS[name].isFor(session));
  if (!isView(view) || !names.includes(view)) return <NothingHere />;
  const Chosen = VIEWS[view].component;
  return (
    <>
      <nav ref={words} className={styles.views} aria-label={text.operate.operate}>
        {names.map((name) => (
          <Link
            key={name}
            to="/operate/$view"
            params={{ view: name }}
            className={styles.view}
            aria-current={name === view ? "page" : undefined}
          >
            {text.operate[name]}
          </Link>
        ))}
      </nav>
      <Chosen />
    </>
  );
}
